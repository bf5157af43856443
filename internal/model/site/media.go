package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/gif"  // Known to image.DecodeConfig.
	_ "image/jpeg" // Known to image.DecodeConfig.
	_ "image/png"  // Known to image.DecodeConfig.
)

// TypeFont is the media type of fonts.
const TypeFont = "font/woff2"

// extensions are the ends of file names by media type. It is never written.
var extensions = map[string][]string{
	"image/png": {".png"}, "image/jpeg": {".jpg", ".jpeg"}, "image/gif": {".gif"}, "image/webp": {".webp"}, TypeFont: {".woff2"},
}

// ErrSVG says that a file is SVG, which can hold scripts.
var ErrSVG = errors.New("the file is SVG, which can hold scripts and is not taken; save it as PNG or WebP")

// Identify says what a file is, by its content and never by its name. It takes
// PNG, JPEG, GIF, WebP and WOFF2 within the limits.
func Identify(data []byte) (Medium, error) {
	if len(data) == 0 {
		return Medium{}, errors.New("the file is empty")
	}
	if len(data) > MaxMediumSize {
		return Medium{}, fmt.Errorf("the file has %d bytes (limit MaxMediumSize, %d)", len(data), MaxMediumSize)
	}
	kind, err := identify(data)
	if err != nil {
		return Medium{}, err
	}
	sum := sha256.Sum256(data)
	return Medium{Type: kind, Digest: hex.EncodeToString(sum[:]), Size: len(data)}, nil
}

func identify(data []byte) (string, error) {
	switch {
	case isWOFF2(data):
		return TypeFont, nil
	case isWebP(data):
		return "image/webp", nil
	}
	size, format, err := image.DecodeConfig(bytes.NewReader(data))
	switch {
	case err != nil && bytes.Contains(bytes.ToLower(data[:min(len(data), 1024)]), []byte("<svg")):
		return "", ErrSVG
	case err != nil:
		return "", errors.New("the file is none of PNG, JPEG, GIF, WebP and WOFF2")
	case size.Width > MaxSide || size.Height > MaxSide:
		return "", fmt.Errorf("the image is %d × %d pixels (limit MaxSide, %d)", size.Width, size.Height, MaxSide)
	case size.Width == 0 || size.Height == 0:
		return "", errors.New("the image is empty")
	}
	return "image/" + format, nil
}

// isWOFF2 checks the signature of a font and the length that it says it has.
func isWOFF2(data []byte) bool {
	const header = 48
	return len(data) >= header && string(data[:4]) == "wOF2" &&
		uint64(binary.BigEndian.Uint32(data[8:])) == uint64(len(data))
}

// isWebP checks the signature of a picture and the length that it says it has.
func isWebP(data []byte) bool {
	const header = 20
	if len(data) < header || string(data[:4]) != "RIFF" || string(data[8:15]) != "WEBPVP8" {
		return false
	}
	said := uint64(binary.LittleEndian.Uint32(data[4:])) + 8
	return said == uint64(len(data)) || said == uint64(len(data))-1
}
