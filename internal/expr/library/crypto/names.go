package crypto

// DistinguishedName writes an encoded name as .NET does: the most specific part
// first, joined by ", ". It is empty where the name cannot be read.
func DistinguishedName(der []byte) string { return distinguishedName(der) }
