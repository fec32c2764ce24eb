package stripetest

// retrieve is the operation that shows one object of a kind. noun and param are Stripe's words for a missing one.
func retrieve[T object](noun, param string) func(*Account, *request) (any, error) {
	return func(a *Account, r *request) (any, error) {
		o, ok := find[T](a, r.id())
		if !ok {
			return nil, missing(noun, r.id(), param)
		}
		return o.render(a, apiVersion), nil
	}
}
