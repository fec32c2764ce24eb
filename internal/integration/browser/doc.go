// Package browser tests the reference server's demo as a person sees it: Chromium opens the page of the real program, pays on
// the checkout page and manages the plan. PAYMOUNT_TEST_CHROMIUM names the browser's executable; without one the tests are
// skipped, and fail when CI is "true". With PAYMOUNT_SCREENSHOTS set they leave a picture of each state of the page in that
// folder. Another test is about hosts whose users are signed in by a cookie, and about pages of other origins.
package browser
