package document

// regularString scans "…" from behind its opening quote.
func (s *scanner) regularString(start int) *scanError {
	for {
		r, width := s.peek()
		if width == 0 || isLineEnd(r) {
			return unclosedString(start)
		}
		s.pos += width
		switch r {
		case '"':
			return nil
		case '\\':
			s.escape()
		}
	}
}

// escape skips the character behind a backslash, unless it ends the line.
func (s *scanner) escape() {
	if r, width := s.peek(); !isLineEnd(r) {
		s.pos += width
	}
}

// character scans '…' from behind its opening quote. It takes more than one
// character too, and leaves that error to the compiler.
func (s *scanner) character(start int) *scanError {
	for {
		r, width := s.peek()
		if width == 0 || isLineEnd(r) {
			return &scanError{start, "the character literal is not closed on its line", "close it with '", -1}
		}
		s.pos += width
		switch r {
		case '\'':
			return nil
		case '\\':
			s.escape()
		}
	}
}

// verbatimString scans @"…" from behind its opening quote.
func (s *scanner) verbatimString(start int) *scanError {
	for {
		r, width := s.peek()
		if width == 0 {
			return &scanError{start, `the string @" is not closed`, `close it with "; a quote in it is written ""`, -1}
		}
		s.pos += width
		if r != '"' {
			continue
		}
		end, doubled := s.follows(s.pos, '"')
		if !doubled {
			return nil
		}
		s.pos = end
	}
}

// interpolatedString scans $"…" or $@"…" from behind its opening quote. Holes
// are C# and may hold strings of their own.
func (s *scanner) interpolatedString(start int, kind hole) *scanError {
	if s.depth++; s.depth > s.maxDepth {
		return s.tooDeep()
	}
	defer func() { s.depth-- }()
	verbatim := kind == verbatimHole
	for {
		r, width := s.peek()
		if width == 0 || !verbatim && isLineEnd(r) {
			return unclosedString(start)
		}
		behind, doubled := s.follows(s.pos+width, r)
		switch {
		case r == '\\' && !verbatim:
			s.pos += width
			s.escape()
		case doubled && (r == '{' || r == '}' || r == '"' && verbatim):
			s.pos = behind
		case r == '"':
			s.pos += width
			return nil
		case r == '{':
			if err := s.brackets(kind); err != nil {
				return err
			}
		default:
			s.pos += width
		}
	}
}

// format scans the format text of a hole, from behind its ':' to behind its '}'.
func (s *scanner) format(opener bracket, kind hole) *scanError {
	for {
		r, width := s.peek()
		behind, doubled := s.follows(s.pos+width, r)
		switch {
		case r == '"' && doubled && kind == verbatimHole:
			s.pos = behind
		case width == 0 || r == '"' || isLineEnd(r):
			return unclosedHole(opener)
		case r == '\\' && kind == regularHole:
			s.pos += width
			s.escape()
		default:
			s.pos += width
		}
		if r == '}' {
			return nil
		}
	}
}

func unclosedString(start int) *scanError {
	return &scanError{start, "the string is not closed on its line",
		`close it with "; text of several lines is written @"…"`, -1}
}

func unclosedHole(opener bracket) *scanError {
	return &scanError{opener.at, "the '{' in the interpolated string is not closed",
		"close it with '}'; a brace that is text is written {{", -1}
}
