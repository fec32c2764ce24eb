package main

import (
	"fmt"
	"slices"
	"strings"
)

// row is a line of the table.
type row struct {
	path, against string
	checks        []check
}

// check is one figure, with its goal unless it is only told.
type check struct {
	goal, measured string
	missed         bool
}

func atLeast(value, limit float64, format string) check {
	return check{"at least " + fmt.Sprintf(format, limit), fmt.Sprintf(format, value), value < limit}
}

func atMost(value, limit float64, format string) check {
	return check{"at most " + fmt.Sprintf(format, limit), fmt.Sprintf(format, value), value > limit}
}

func told(format string, args ...any) check { return check{measured: fmt.Sprintf(format, args...)} }

// table writes rows as Markdown.
func table(rows []row) string {
	var out strings.Builder
	out.WriteString("| path | compared with | goal | measured | |\n| --- | --- | --- | --- | --- |\n")
	for _, r := range rows {
		var goals, measured []string
		verdict := ""
		for _, c := range r.checks {
			measured = append(measured, c.measured)
			if c.goal == "" {
				continue
			}
			if !slices.Contains(goals, c.goal) {
				goals = append(goals, c.goal)
			}
			switch {
			case c.missed:
				verdict = "**missed**"
			case verdict == "":
				verdict = "met"
			}
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s |\n",
			r.path, r.against, strings.Join(goals, "; "), strings.Join(measured, "; "), verdict)
	}
	return out.String()
}
