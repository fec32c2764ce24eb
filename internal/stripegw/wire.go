package stripegw

import "time"

// seconds is a time as Stripe writes it: seconds since 1970, 0 or null for none.
type seconds int64

// time returns s in UTC; a zero Time for none.
func (s seconds) time() time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}
