module github.com/paymount/paymount

go 1.25.0

require (
	github.com/MicahParks/jwkset v0.11.4
	github.com/MicahParks/keyfunc/v3 v3.9.1
	github.com/golang-jwt/jwt/v5 v5.3.1
	github.com/hashicorp/golang-lru/v2 v2.0.7
	github.com/stripe/stripe-go/v76 v76.25.0
	golang.org/x/time v0.15.0
)
