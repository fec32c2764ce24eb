package stripe

import "encoding/json"

// Ref is a reference to another object: its id, or the object itself where it was expanded, or null. A shape that is none
// of these reads as null: a version of the API to come must not make a whole event unreadable.
type Ref[T any] struct {
	// ID is empty where there is no reference.
	ID string
	// Object is set where the object was expanded.
	Object *T
}

// Unknown is the type of an object of which only the id matters.
type Unknown struct{}

// UnmarshalJSON reads any of the shapes.
func (r *Ref[T]) UnmarshalJSON(data []byte) error {
	*r = Ref[T]{}
	switch data[0] {
	case '"':
		return json.Unmarshal(data, &r.ID)
	case '{':
		var id struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(data, &id); err != nil {
			return err
		}
		r.ID, r.Object = id.ID, new(T)
		return json.Unmarshal(data, r.Object)
	}
	return nil
}
