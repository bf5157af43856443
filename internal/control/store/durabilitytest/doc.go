// Package durabilitytest holds the tests that kill what uses a store, and look
// afterwards at what was acknowledged. They run on every store that keeps data.
package durabilitytest
