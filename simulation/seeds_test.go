package simulation

import (
	"fmt"
	"testing"
)

// seed is a world in which a promise was once broken, and the steps that were enough for it.
type seed struct {
	first uint64
	only  []int
}

// found are the worlds that have ever broken a promise, by what was wrong.
func found() map[string][]seed {
	return map[string][]seed{
		"two open sessions": {
			{7405213, []int{3, 7}},
			{60000952, []int{25, 28, 30, 38, 41, 45}},
			{60000738, []int{49, 53, 54, 59}},
			{41000010, []int{19, 25, 29, 55, 56, 57, 58}},
			{965402158, []int{2, 3, 5, 35, 38, 39, 40, 43, 46, 47, 48, 53, 55, 56, 58, 59}},
		},
		"two customers": {
			{4100761, []int{11, 21, 35, 37, 38, 46, 48}},
			{9609040, []int{13, 16, 20, 37, 57}},
			{10701815, []int{4, 10, 19, 31, 47, 57}},
			{42, []int{20, 24, 32}},                       // while the key was one of another account
			{50012856, []int{15, 19, 29, 31, 33, 36, 49}}, // for a moment, after test data were deleted
		},
		"the gate open after the end": {
			{12901466, []int{30, 34, 36}},
			{772065, []int{2, 15, 16, 17, 19, 23, 24, 26}},
		},
		"the host not told of the end of test data that are gone": {
			{175, []int{16, 36, 48, 49}},
		},
		"two subscriptions": { // the first was found with a customer that came back, when the guard had looked
			{60017186, []int{6, 8, 9, 12, 13, 16, 17, 19, 20, 21, 23, 27, 42}},
		},
		"a failure because test data are gone": {
			{50002215, []int{3, 20, 28, 29, 31, 32, 33, 34, 36, 51, 54}},
			{52012489, []int{1, 4, 6, 10, 14, 19, 31, 32, 33, 35, 40, 41, 42}},
		},
		"the host not told by a reconciliation that failed": {
			{51011181, []int{15, 21, 30, 31, 34, 35, 36, 37, 38, 41, 43, 46, 47}},
		},
		"the host told of two changes at once": {
			{40000092, []int{0, 1, 3, 5, 6, 7, 8, 9, 13, 28, 29}},
		},
	}
}

// TestWorldsThatBrokeAPromiseKeepItNow runs them whole too: what has been mended has moved what happens in them. So has what
// worlds have learned since: the steps of a wide world (see wideActions) are not what they were when it was found, those of the
// others are.
func TestWorldsThatBrokeAPromiseKeepItNow(t *testing.T) {
	t.Parallel()
	for what, seeds := range found() {
		for _, s := range seeds {
			t.Run(fmt.Sprintf("%s, seed %d", what, s.first), func(t *testing.T) {
				t.Parallel()
				for _, only := range [][]int{s.only, nil} {
					Run(t, Config{Store: inMemory, First: s.first, Seeds: 1, Steps: 60, Only: only})
				}
			})
		}
	}
}
