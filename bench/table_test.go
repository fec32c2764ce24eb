package main

import "testing"

func TestTheTableSaysWhatIsMissed(t *testing.T) {
	t.Parallel()
	got := table([]row{
		{"a", "b", []check{atLeast(30, 30, "%.0fx"), told("3 ns")}},
		{"c", "d", []check{atMost(1, 2, "%.0f"), atMost(1.26, 1.25, "%.2fx")}},
		{"e", "f", []check{told("1")}},
	})
	const want = "| path | compared with | goal | measured | |\n| --- | --- | --- | --- | --- |\n" +
		"| a | b | at least 30x | 30x; 3 ns | met |\n| c | d | at most 2; at most 1.25x | 1; 1.26x | **missed** |\n" +
		"| e | f |  | 1 |  |\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTheMedianIsInTheMiddle(t *testing.T) {
	t.Parallel()
	if got := median([]float64{9, 1, 2}); got != 2 {
		t.Errorf("median of three: %v", got)
	}
	if got := median([]float64{4, 1, 2, 9}); got != 3 {
		t.Errorf("median of four: %v", got)
	}
	if got := medianRatio([]float64{2, 100, 6}, []float64{1, 1, 2}); got != 3 {
		t.Errorf("median ratio: %v", got)
	}
}
