// An identity provider with keys of its own, made anew at every start. It serves 127.0.0.1 at the port that is its argument,
// or at a free one, prints its issuer as one line, and ends with its standard input.
//
// It gives access tokens to client credentials. A token is asked for a resource such as https://api.example.com/ES256: the host
// becomes the token's audience, and the path names the algorithm that signs it.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const client = {
  client_id: 'ada', client_secret: 'secret', grant_types: ['client_credentials'], redirect_uris: [], response_types: [],
};
const jwk = (alg, ...kind) => ({ ...generateKeyPairSync(...kind).privateKey.export({ format: 'jwk' }), alg, use: 'sig' });

function provider(issuer) {
  return new Provider(issuer, {
    clients: [client],
    jwks: {
      keys: [
        jwk('RS256', 'rsa', { modulusLength: 2048 }),
        jwk('ES256', 'ec', { namedCurve: 'P-256' }),
        jwk('EdDSA', 'ed25519'),
      ],
    },
    extraTokenClaims: () => ({ project_id: 'shop' }),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo(_, resource) {
          const { host, pathname } = new URL(resource);
          return { scope: '', audience: host, accessTokenFormat: 'jwt', jwt: { sign: { alg: pathname.slice(1) } } };
        },
      },
    },
  });
}

const server = createServer();
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  server.on('request', provider(issuer).callback());
  process.stdout.write(`${issuer}\n`);
});
process.stdin.resume().on('end', () => process.exit());
