package site

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// The content types under which a service keeps the portal, as in
// contentTypes/sallyport-page/contentItems/home.
const (
	TypePage        = "sallyport-page"
	TypeNavigation  = "sallyport-navigation"
	TypeLook        = "sallyport-look"
	TypeMedia       = "sallyport-media"
	TypeBlob        = "sallyport-blob"
	TypePublication = "sallyport-publication"
)

// Types lists the content types, in the order in which they are made.
func Types() []string {
	return []string{TypePage, TypeNavigation, TypeLook, TypeMedia, TypeBlob, TypePublication}
}

// ItemDefault is the name of the one item that navigation and look each have.
const ItemDefault = "default"

// HomePage is the slug of the page that is shown at "/".
const HomePage = "home"

// Limits of the content of a portal.
const (
	// MaxPages bounds the pages.
	MaxPages = 500
	// MaxPageSize bounds the text of one page, in bytes.
	MaxPageSize = 128 << 10
	// MaxContentSize bounds all pages, the navigation and the look together as
	// JSON, in bytes: one record of the store holds them.
	MaxContentSize = 4 << 20
	// MaxTitleLength and MaxDescriptionLength are in characters.
	MaxTitleLength       = 200
	MaxDescriptionLength = 500
	// MaxMedia bounds the images and fonts.
	MaxMedia = 200
	// MaxMediumSize bounds one of them, in bytes.
	MaxMediumSize = 1 << 20
	// MaxMediaSize bounds all of them together, in bytes.
	MaxMediaSize = 32 << 20
	// MaxSide bounds the width and the height of images, in pixels.
	MaxSide = 8192
	// MaxLinks bounds the links of the menu, and those of the footer.
	MaxLinks = 50
	// MaxPageGroups bounds the groups that a page names.
	MaxPageGroups = 20
	// MaxNameLength bounds slugs and file names, in characters.
	MaxNameLength = 80
)

// Content is all that a portal shows of its own.
type Content struct {
	// Pages are by slug: the page "about" is at /pages/about.
	Pages      map[string]Page `json:"pages"`
	Navigation Navigation      `json:"navigation"`
	Look       Look            `json:"look"`
	// Media are by file name; what they hold is kept under their digests.
	Media map[string]Medium `json:"media,omitempty"`
}

// Page is a page in Markdown with blocks.
type Page struct {
	Title       string `json:"title" yaml:"title"`
	Description string `json:"description,omitempty" yaml:"description,omitempty"`
	// Groups are the names of those who may see the page; empty is everybody.
	Groups []string `json:"groups,omitempty" yaml:"groups,omitempty"`
	// Text is the Markdown.
	Text string `json:"text" yaml:"-"`
}

// Link is a link of the navigation.
type Link struct {
	Label string `json:"label" yaml:"label"`
	// Address is a path of the portal ("/apis") or an https, http or mailto URL.
	Address string `json:"address" yaml:"address"`
}

// Navigation is the menu and the footer. Where one is empty, the portal shows its
// own.
type Navigation struct {
	Menu   []Link `json:"menu,omitempty" yaml:"menu,omitempty"`
	Footer []Link `json:"footer,omitempty" yaml:"footer,omitempty"`
	// Note is the last line of the footer, as plain text.
	Note string `json:"note,omitempty" yaml:"note,omitempty"`
}

// Look is the title and the theme.
type Look struct {
	// Title is the name of the portal; "" is the name of the service.
	Title string `json:"title,omitempty" yaml:"title,omitempty"`
	Theme Theme  `json:"theme,omitzero" yaml:"-"`
}

// Medium is an image or a font.
type Medium struct {
	// Type is the media type that its first bytes say: "image/png".
	Type string `json:"type"`
	// Digest is the SHA-256 of its bytes, in hexadecimal digits.
	Digest string `json:"digest"`
	// Size is in bytes.
	Size int `json:"size"`
}

// Publication is a published state of the content: one item of the type
// sallyport-publication, which is never changed.
type Publication struct {
	// Version is that of the format; docs/formats/portal.md says what readers do
	// with others.
	Version int     `json:"version"`
	Content Content `json:"content"`
}

// PublicationVersion is the version of the format that is written.
const PublicationVersion = 1

// Revision is the name of the publication of the content: the first half of the
// SHA-256 of it as JSON. The same content has the same name everywhere.
func (c *Content) Revision() (string, error) {
	raw, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("writing the content of the portal: %w", err)
	}
	if len(raw) > MaxContentSize {
		return "", fmt.Errorf("the content of the portal has %d bytes (limit MaxContentSize, %d)", len(raw), MaxContentSize)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:16]), nil
}

// Clone copies the content, so that the copy can be changed. What is empty in the
// copy is absent.
func (c *Content) Clone() (*Content, error) {
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("copying the content of the portal: %w", err)
	}
	var copied Content
	if err := json.Unmarshal(raw, &copied); err != nil {
		return nil, fmt.Errorf("copying the content of the portal: %w", err)
	}
	if copied.Pages == nil {
		copied.Pages = map[string]Page{}
	}
	return &copied, nil
}

// Slugs are the names of the pages, home first.
func (c *Content) Slugs() []string {
	slugs := make([]string, 0, len(c.Pages))
	for slug := range c.Pages {
		slugs = append(slugs, slug)
	}
	slices.SortFunc(slugs, func(a, b string) int {
		if a == HomePage || b == HomePage {
			return map[bool]int{true: -1, false: 1}[a == HomePage]
		}
		return strings.Compare(a, b)
	})
	return slugs
}
