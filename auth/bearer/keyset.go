package bearer

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

// minRSABits is the least size of an RSA key (RFC 7518 section 3.3).
const minRSABits = 2048

var errUnknownKey = errors.New("unknown key")

// keySet is the keys that verify tokens at one time. It never changes; other keys are another keySet.
type keySet struct {
	find jwt.Keyfunc
	// fingerprints are the keys as sorted JSON, to tell whether a JWK Set that was loaded again is still the same.
	fingerprints []string
}

func secretKeySet(secret []byte) *keySet {
	return &keySet{find: func(*jwt.Token) (any, error) { return secret, nil }}
}

// parseKeySet reads a JWK Set (RFC 7517 section 5) and leaves out each key that can't verify tokens of the algorithms.
// The second result says what was left out. A set without any usable key is an error.
func parseKeySet(ctx context.Context, data []byte, algorithms []string) (*keySet, leftOut, error) {
	var document struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(data, &document); err != nil {
		return nil, leftOut{}, fmt.Errorf("not a JWK Set: %w", err)
	}
	var keys []jwkset.JWK
	var out leftOut
	for _, raw := range document.Keys {
		key, err := parseKey(raw, algorithms)
		if err != nil {
			out.add(err)
			continue
		}
		keys = append(keys, key)
	}
	switch {
	case len(document.Keys) == 0:
		return nil, out, errors.New("the JWK Set has no keys")
	case len(keys) == 0:
		return nil, out, fmt.Errorf("the JWK Set has no usable key among its %d, the first: %w", out.count, out.first)
	}
	set, err := newKeySet(ctx, keys)
	return set, out, err
}

// leftOut counts the keys that were left out and keeps the reason for the first: there could be many.
type leftOut struct {
	count int
	first error
}

func (l *leftOut) add(err error) {
	l.count++
	if l.first == nil {
		l.first = err
	}
}

// parseKey returns the key that raw describes when it is one for verifying tokens, else the reason why it is not.
func parseKey(raw json.RawMessage, algorithms []string) (jwkset.JWK, error) {
	var m jwkset.JWKMarshal
	if err := json.Unmarshal(raw, &m); err != nil {
		return jwkset.JWK{}, fmt.Errorf("malformed key: %w", err)
	}
	if err := checkPurpose(m, algorithms); err != nil {
		return jwkset.JWK{}, err
	}
	key, err := jwkset.NewJWKFromMarshal(m, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
	if err != nil {
		return jwkset.JWK{}, err
	}
	if public, ok := key.Key().(*rsa.PublicKey); ok && public.N.BitLen() < minRSABits {
		return jwkset.JWK{}, fmt.Errorf("RSA key of %d bits: want at least %d", public.N.BitLen(), minRSABits)
	}
	return key, nil
}

func checkPurpose(m jwkset.JWKMarshal, algorithms []string) error {
	switch {
	case m.KTY == jwkset.KtyOct:
		return errors.New("symmetric key")
	case m.D != "":
		return errors.New("private key: everybody can sign with it now")
	case m.USE != "" && m.USE != jwkset.UseSig:
		return fmt.Errorf("key for another use: %q", m.USE)
	case len(m.KEYOPS) > 0 && !slices.Contains(m.KEYOPS, jwkset.KeyOpsVerify):
		return fmt.Errorf("key for other operations: %q", m.KEYOPS)
	case m.ALG != "" && !slices.Contains(algorithms, m.ALG.String()):
		return fmt.Errorf("key for another algorithm: %q", m.ALG)
	}
	return nil
}

func newKeySet(ctx context.Context, keys []jwkset.JWK) (*keySet, error) {
	storage := jwkset.NewMemoryStorage()
	if err := storage.KeyReplaceAll(ctx, keys); err != nil {
		return nil, err
	}
	byID, err := keyfunc.New(keyfunc.Options{Storage: storage}) // not bound to ctx, which ends with the load
	if err != nil {
		return nil, err
	}
	set := &keySet{find: func(t *jwt.Token) (any, error) { return findKey(t, byID, keys) }}
	for i := range keys {
		fingerprint, err := json.Marshal(keys[i].Marshal())
		if err != nil {
			return nil, err
		}
		set.fingerprints = append(set.fingerprints, string(fingerprint))
	}
	slices.Sort(set.fingerprints)
	return set, nil
}

// findKey returns the key that the token names, or every key that fits when it names none.
func findKey(t *jwt.Token, byID keyfunc.Keyfunc, keys []jwkset.JWK) (any, error) {
	kid, named := t.Header["kid"]
	if named {
		key, err := byID.Keyfunc(t)
		switch {
		case errors.Is(err, jwkset.ErrKeyNotFound):
			return nil, fmt.Errorf("%w %.64q", errUnknownKey, kid)
		case err == nil && !fits(key, t.Method):
			return nil, errors.New("the key is not one for the token's algorithm")
		}
		return key, err
	}
	var fitting jwt.VerificationKeySet
	for i := range keys {
		key, alg := keys[i].Key(), keys[i].Marshal().ALG.String()
		if (alg == "" || alg == t.Method.Alg()) && fits(key, t.Method) {
			fitting.Keys = append(fitting.Keys, key)
		}
	}
	if len(fitting.Keys) == 0 {
		return nil, fmt.Errorf("%w for a token without a kid", errUnknownKey)
	}
	return fitting, nil
}

// fits reports whether key is of the type, and for ECDSA of the curve, that RFC 7518 section 3.1 and RFC 8037 section
// 3.1 require of the method.
func fits(key any, method jwt.SigningMethod) bool {
	switch m := method.(type) {
	case *jwt.SigningMethodRSA, *jwt.SigningMethodRSAPSS:
		_, ok := key.(*rsa.PublicKey)
		return ok
	case *jwt.SigningMethodECDSA:
		public, ok := key.(*ecdsa.PublicKey)
		return ok && public.Curve.Params().BitSize == m.CurveBits
	case *jwt.SigningMethodEd25519:
		_, ok := key.(ed25519.PublicKey)
		return ok
	}
	return false
}
