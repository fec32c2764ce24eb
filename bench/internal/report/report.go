package report

import (
	"cmp"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// Machine says when and on what something is measured: the date, the processor and the version of Go.
func Machine() string {
	return fmt.Sprintf("%s, %s, %d cores, %s",
		time.Now().UTC().Format(time.DateOnly), processor(), runtime.GOMAXPROCS(0), runtime.Version())
}

func processor() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	_, rest, _ := strings.Cut(string(data), "model name\t: ")
	name, _, _ := strings.Cut(rest, "\n")
	return cmp.Or(name, runtime.GOARCH)
}

// Write puts text into the place of a name in the document at path: between the lines "<!-- NAME: written by make bench -->"
// and "<!-- end of NAME -->". A document without such a place is an error, and stays as it is.
func Write(path, name, text string) error {
	data, err := os.ReadFile(path) // #nosec G304 -- who runs the benchmarks names the document
	if err != nil {
		return err
	}
	begin, end := "<!-- "+name+": written by make bench -->\n", "<!-- end of "+name+" -->\n"
	before, rest, begins := strings.Cut(string(data), begin)
	_, after, ends := strings.Cut(rest, end)
	if !begins || !ends {
		return fmt.Errorf("%s: there is no place for the %s", path, name)
	}
	return os.WriteFile(path, []byte(before+begin+text+end+after), 0o644) // #nosec G306 G703 -- a document for everybody
}
