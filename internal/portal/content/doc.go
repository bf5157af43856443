// Package content is what the portal shows of its own: the home page and the
// other pages in Markdown with blocks, the navigation, the title, the theme, and
// images and fonts. docs/formats/portal.md specifies how they are kept.
//
// A Library has what visitors see. It follows the service and goes on from memory
// while the management plane is away. A Draft is what administrators edit; Publish
// makes it what visitors see, at one moment, and any earlier publication can be
// made that again.
package content
