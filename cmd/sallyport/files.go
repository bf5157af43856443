package main

// maxConnections returns how many client connections a listener may have where
// the process may open so many files; 0 where that is no limit. Half of the files
// are for clients: a request that is under way has a connection to its backend
// too, and configuration, certificates and logs are files as well.
func maxConnections(files uint64, listeners ...bool) int {
	n := uint64(0)
	for _, there := range listeners {
		if there {
			n++
		}
	}
	if files == 0 || files > 1<<30 || n == 0 {
		return 0
	}
	return int(max(1, files/2/n)) //nolint:gosec // It is at most 1<<29.
}
