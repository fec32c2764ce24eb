// Package unpaid ends subscriptions whose first payment never came, without taking money for nothing. Checkout ends them before
// it sells another one, and manage when their owner cancels.
package unpaid
