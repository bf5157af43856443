package jsonpath

// Bounds returns the first index of [start:end:step] among n elements, the index before which it ends, and the step,
// as Python has them.
func Bounds(by *[3]*int, n int) (start, stop, step int) {
	step = 1
	if by[2] != nil {
		step = *by[2]
	}
	start, stop = 0, n
	if step < 0 {
		start, stop = n-1, -1
	}
	if by[0] != nil {
		start = clamp(*by[0], n, step)
	}
	if by[1] != nil {
		stop = clamp(*by[1], n, step)
	}
	return start, stop, step
}

func clamp(i, n, step int) int {
	if i < 0 {
		i += n
	}
	if step > 0 {
		return min(max(i, 0), n)
	}
	return min(max(i, -1), n-1)
}
