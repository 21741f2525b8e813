// A real identity provider on this machine: panva's oidc-provider with its own interaction pages.
//
//   node provider.mjs PEOPLE REDIRECT_URI…
//
// PEOPLE is a JSON file, read at each sign-in: {"subject": {"preferred_username": …, "groups": […]}}.
// Says `READY issuer` when it serves. With IN_ID_TOKEN=1 claims stand in the ID token as well.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const { Provider } = await import(
  join(here, '../../web/node_modules/oidc-provider/lib/index.js')
);

const [peopleFile, ...redirectUris] = process.argv.slice(2);
const server = createServer();

function person(subject) {
  return JSON.parse(readFileSync(peopleFile, 'utf8'))[subject];
}

server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'minuteur',
        client_secret: 'a secret, with % and : in it',
        redirect_uris: redirectUris,
      },
    ],
    claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
    conformIdTokenClaims: process.env.IN_ID_TOKEN !== '1',
    cookies: { keys: ['of no worth: this provider lives for a test'] },
    pkce: { required: () => true },
    findAccount: (_, subject) => {
      if (person(subject) === undefined) return undefined;
      return { accountId: subject, claims: () => ({ sub: subject, ...person(subject) }) };
    },
  });
  server.on('request', provider.callback());
  console.log(`READY ${issuer}`);
});
