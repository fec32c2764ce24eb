// Package limitlog logs what clients can cause at will, at a bounded rate, so that nobody can fill a disk with refusals. It
// is for lines about requests that were refused; what is wrong on the server's own side is logged each time.
package limitlog
