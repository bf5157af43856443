package author

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/sallyport/sallyport/internal/expr/vectors"
)

// maxContexts bounds the file of contexts, in bytes.
const maxContexts = 64 << 20

// vectorFailure is what -o json prints of a vector that fails.
type vectorFailure struct {
	ID       string `json:"id"`
	Expected string `json:"expected"`
	Got      string `json:"got"`
}

// vectorCount is the last line of -o json.
type vectorCount struct {
	Passed int `json:"passed"`
	Failed int `json:"failed"`
}

// runVectors runs a file of vectors and prints those that fail.
func (f *exprFlags) runVectors(out io.Writer) error {
	runner, err := f.runner()
	if err != nil {
		return err
	}
	file, err := os.Open(filepath.Clean(f.vectors))
	if err != nil {
		return fmt.Errorf("reading the vectors: %w", err)
	}
	defer func() { _ = file.Close() }() // It is only read.
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	var count vectorCount
	err = vectors.Read(file, func(v *vectors.Vector) error {
		result := runner.Run(v)
		if result.Status == vectors.Passed {
			count.Passed++
			return nil
		}
		count.Failed++
		if f.output == outputJSON {
			return encoder.Encode(vectorFailure{v.ID, result.Want, result.Got})
		}
		_, err := fmt.Fprintf(out, "%s: expected %s, got %s\n", v.ID, oneLine(result.Want), oneLine(result.Got))
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", f.vectors, err)
	}
	if f.output == outputJSON {
		err = encoder.Encode(count)
	} else {
		_, err = fmt.Fprintf(out, "%d passed, %d failed\n", count.Passed, count.Failed)
	}
	if err == nil && count.Failed > 0 {
		err = fmt.Errorf("%d of %d vectors failed", count.Failed, count.Passed+count.Failed)
	}
	return err
}

// runner is what runs vectors in the contexts of the file.
func (f *exprFlags) runner() (*vectors.Runner, error) {
	data, err := readFile("the contexts", f.contexts, maxContexts)
	if err != nil {
		return nil, err
	}
	contexts, err := vectors.ReadContexts(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.contexts, err)
	}
	compiler, err := f.runtime.Compiler()
	if err != nil {
		return nil, err
	}
	return vectors.NewRunner(compiler, contexts), nil
}
