package admission

import "sync"

// Share hands out parts of a whole: places, or bytes of memory. It is safe for concurrent use.
type Share struct {
	all, each int64

	mu    sync.Mutex
	taken int64
	byKey map[string]int64
}

// NewShare returns a Share that hands out at most all, and at most each to one key. Who takes for keys that clients choose
// has to map the unknown ones to one key.
func NewShare(all, each int64) *Share {
	return &Share{all: all, each: each, byKey: map[string]int64{}}
}

// Take reports whether key got n. What was taken has to be returned.
func (s *Share) Take(key string, n int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken+n > s.all || s.byKey[key]+n > s.each {
		return false
	}
	s.taken += n
	s.byKey[key] += n
	return true
}

// Return gives back n that key has taken.
func (s *Share) Return(key string, n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken -= n
	if s.byKey[key] -= n; s.byKey[key] == 0 {
		delete(s.byKey, key)
	}
}
