// Command bench measures paymount against what a team would use or write instead of it, and prints a table of ratios.
//
// Every figure comes from one run on one machine: the compared sides take turns in short slices, and the median over the
// rounds of their ratio is what counts, so that a noisy moment hits both. Each side runs in this process, without a
// network but for the loopback that a row names. `make bench` starts the Postgres that it wants; docs/benchmarks.md holds
// the last table and says how to read it.
package main
