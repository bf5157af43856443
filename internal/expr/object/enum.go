package object

import (
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/types"
)

// ParseEnum reads the name of a member of an enum, several names with commas, or a number.
func ParseEnum(t *types.Type, text string, ignoreCase bool) (int64, bool) {
	var n int64
	for part := range strings.SplitSeq(text, ",") {
		m, ok := parseEnumPart(t, strings.TrimSpace(part), ignoreCase)
		if !ok {
			return 0, false
		}
		n |= m
	}
	return n, true
}

func parseEnumPart(t *types.Type, name string, ignoreCase bool) (int64, bool) {
	for _, m := range t.Def.Members {
		if m.Name == name || ignoreCase && strings.EqualFold(m.Name, name) {
			return m.Const.Int(), true
		}
	}
	if name == "" || name[0] != '-' && name[0] != '+' && (name[0] < '0' || name[0] > '9') {
		return 0, false
	}
	n, err := strconv.ParseInt(name, 10, 64)
	return n, err == nil
}
