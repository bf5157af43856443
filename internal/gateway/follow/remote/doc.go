// Package remote follows the configuration feed of a management plane that runs
// elsewhere, which docs/formats/feed.md specifies. Whatever becomes of the feed,
// the gateway goes on with what it has: this package only ever offers it more.
package remote
