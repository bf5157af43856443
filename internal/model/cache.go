package model

// Cache is an external cache: a Redis-compatible server that gateways share.
type Cache struct {
	ID          ID     `json:"-"`
	Description string `json:"description,omitempty"`
	// ConnectionString says where the server is and how to sign in; it may name
	// named values: "{{secret}}".
	ConnectionString string `json:"connectionString,omitempty"`
	// UseFromLocation is the region of the gateways that use the cache, or "default"
	// for those whose region has none.
	UseFromLocation string `json:"useFromLocation,omitempty"`
	// AzureResourceID is the id of the Azure resource that is the cache.
	AzureResourceID string `json:"resourceId,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// CacheDefault is the UseFromLocation of the cache for all other regions.
const CacheDefault = "default"

// ResourceID returns the cache's id.
func (c *Cache) ResourceID() ID { return c.ID }

// Kind returns KindCache.
func (*Cache) Kind() Kind { return KindCache }

func (c *Cache) setID(id ID) { c.ID = id }
func (c *Cache) rest() *Rest { return &c.Rest }
