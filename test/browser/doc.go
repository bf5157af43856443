// Package browser tests the developer portal as visitors have it: the program as
// a process, a real SMTP server, and a real Chromium without a window.
package browser
