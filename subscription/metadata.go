package subscription

import "github.com/paymount/paymount/project"

// The metadata keys that checkout writes on everything that it makes at Stripe. An object of the host's own making that has the
// first two belongs to that owner too, unless its customer is somebody else's.
const (
	// MetadataOwner is the id of the owner.
	MetadataOwner = "user_id"
	// MetadataProject is the project.
	MetadataProject = "project_id"
	// MetadataActor is the id of the user who acted, where that is somebody else than the owner.
	MetadataActor = "actor_id"
)

// OwnerIn returns the id of the owner whom metadata names for a scope; empty where it names none. It has to name the project too:
// other apps on the same Stripe account may write a user_id of their own.
func OwnerIn(metadata map[string]string, scope project.Scope) string {
	return namedIn(metadata, scope, MetadataOwner)
}

func namedIn(metadata map[string]string, scope project.Scope, key string) string {
	if metadata[MetadataProject] != scope.ProjectID {
		return ""
	}
	return metadata[key]
}

// ActorID returns the id of the user who bought the subscription; empty where the owner did, or where it is not known.
func (s Subscription) ActorID() string { return namedIn(s.Metadata, s.Owner.Scope, MetadataActor) }

// ActorID returns the id of the user who made the payment; empty where the owner did, or where it is not known.
func (p Payment) ActorID() string { return namedIn(p.Metadata, p.Owner.Scope, MetadataActor) }

// ActorID returns the id of the user who bought what changed; empty where the owner did, or where it is not known.
func (c Change) ActorID() string {
	switch {
	case c.New != nil:
		return c.New.ActorID()
	case c.Payment != nil:
		return c.Payment.ActorID()
	}
	return ""
}
