// Package manage holds the endpoints by which users see and manage what they have bought.
package manage
