// Package parallel does many pieces of work, a few at a time. Package refetch uses it for the objects of a page.
package parallel
