// Package tidy holds the repository to its own rules. It has tests only:
//
//	arrows_test.go  which package may import which, and which library is used where
//	source_test.go  what source files may not contain, how long they may be, that packages say what they are
//	words_test.go   what the documents mention exists, and every flag is in the README
//	tree_test.go    reading the repository
//
// A rule that ARCHITECTURE.md states and a program can check belongs here.
package tidy
