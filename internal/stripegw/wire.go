package stripegw

import "time"

// seconds is a time as Stripe writes it: seconds since 1970, 0 or null for none.
type seconds int64

// lastSecond is the end of the year 9999, past which a time has no JSON form.
const lastSecond = 253402300799

// time returns s in UTC; a zero Time for none.
func (s seconds) time() time.Time {
	if s <= 0 || s > lastSecond {
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}
