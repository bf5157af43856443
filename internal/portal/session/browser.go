package session

import "strings"

// named is how a browser or a system calls itself, and how people call it.
type named struct{ mark, name string }

// browsers and systems are looked for in this order: most say that they are
// others, too. They are never written.
var (
	browsers = []named{
		{"Edg/", "Edge"}, {"EdgA/", "Edge"}, {"EdgiOS/", "Edge"}, {"OPR/", "Opera"},
		{"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"},
		{"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Version/", "Safari"},
		{"curl/", "curl"}, {"Go-http-client/", "a Go program"},
	}
	systems = []named{
		{"iPhone", "an iPhone"}, {"iPad", "an iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "a Mac"},
		{"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	}
)

// Browser is a browser's name for people, as "Firefox on Windows": what it calls
// itself where that says nothing known.
func Browser(agent string) string {
	browser, system := find(browsers, agent), find(systems, agent)
	switch {
	case browser == "":
		return agent
	case system == "":
		return browser
	}
	return browser + " on " + system
}

func find(list []named, agent string) string {
	for _, n := range list {
		if strings.Contains(agent, n.mark) {
			return n.name
		}
	}
	return ""
}
