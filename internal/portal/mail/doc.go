// Package mail sends the portal's mail: to visitors by the e-mail templates of
// the service, and to its publishers by its notifications.
//
// Send writes a message to the outbox of the management plane and returns when
// that has it: what a page says is on its way survives a restart of the portal
// and the loss of its machine. Run takes messages out of the outbox and gives
// them to a mail server, each at least once. Several portals may run it at a
// time: a message belongs to who has claimed it, until the claim ends.
package mail
