package main

import (
	"embed"
	"net/http"
)

//go:embed page
var pageFiles embed.FS

// pagePolicy lets the page use its own files and nothing else: no inline script or style, and nothing from outside.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// registerPage mounts the demo's page at / and at /success, where the checkout sends people back to.
func registerPage(mux *http.ServeMux) {
	index := pageHeaders(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, pageFiles, "page/index.html")
	}))
	mux.Handle("GET /{$}", index)
	mux.Handle("GET /success", index)
	mux.Handle("GET /page/", pageHeaders(http.FileServerFS(pageFiles)))
}

func pageHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer") // the address can hold a checkout session's id
		h.Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}
