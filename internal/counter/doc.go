// Package counter is the contract for rate limits and quotas: what policies ask
// of a store of counters, whether it lives in memory or is shared by gateways.
//
// A counter is named by three things: a name, which the policy chooses when it
// is compiled (the scope, such as "rate-limit/product/starter", or one constant
// for all places that must share); a key, which the request brings (a
// subscription, an address); and the length of the period. The same three are
// the same counter wherever they are used, in the same snapshot or the next
// one. Different periods under one name and key are different counters, so that
// a limit a second and a limit an hour on one key do not disturb each other.
//
// Rate limits use a sliding window. Of the calls that a store has admitted or
// been told of, it counts every one for at least the period, and at most one
// granule (a sixtieth of the period) longer. So in no stretch of time of the
// period's length, however it is aligned, are more calls admitted than the
// limit; and a refusal is never more than a granule too strict. Refused calls
// are not counted.
//
// Quotas use fixed windows, counted from a start. A window that is running is
// never cut short: a counter starts from zero when its window has ended, and
// then takes the window of the caller that finds it so.
//
// A store never fails a request and no call waits for the network: a store that
// shares its counts between gateways counts in memory and settles in the
// background, by leases. Its overshoot is bounded by
// (gateways - 1) × rate × settle interval.
//
// A store is bounded. When it is full, it forgets counters whose windows have
// passed and, when there are none, one that has not been used for long; the
// forgotten key starts from zero at its next call. No request is refused
// because a store is full.
package counter
