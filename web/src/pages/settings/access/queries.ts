/** What the pages about access ask the API for, with the keys under which it is kept. */
import { client, unwrap } from '../../../api/client';
import type { components } from '../../../api/schema';

type Schemas = components['schemas'];

export type User = Schemas['UserOut'];
export type Token = Schemas['TokenOut'];
export type Device = Schemas['DeviceOut'];
export type NewUser = Schemas['NewUser'];
export type UserChanges = Schemas['UserChanges'];
export type NewToken = Schemas['NewToken'];
export type NewDevice = Schemas['NewDevice'];
export type Role = User['role'];
export type QueueRef = Schemas['QueueRefOut'];

export const usersKey = ['users'] as const;
export const tokensKey = ['tokens'] as const;
export const devicesKey = ['devices'] as const;

const ofName = (name: string) => ({ params: { path: { name } } });

export const users = async (): Promise<readonly User[]> =>
  (await unwrap(client.GET('/api/v1/users'))).items;

export const createUser = (body: NewUser): Promise<User> =>
  unwrap(client.POST('/api/v1/users', { body }));

export const changeUser = (name: string, body: UserChanges): Promise<User> =>
  unwrap(client.PATCH('/api/v1/users/{name}', { ...ofName(name), body }));

export const deleteUser = async (name: string): Promise<void> => {
  await unwrap(client.DELETE('/api/v1/users/{name}', ofName(name)));
};

export const setPassword = async (name: string, password: string): Promise<void> => {
  await unwrap(
    client.POST('/api/v1/users/{name}/password', { ...ofName(name), body: { password } }),
  );
};

export const endSessions = async (name: string): Promise<number> =>
  (await unwrap(client.POST('/api/v1/users/{name}/end-sessions', ofName(name)))).ended;

export const tokens = async (): Promise<readonly Token[]> =>
  (await unwrap(client.GET('/api/v1/tokens'))).items;

export const createToken = async (body: NewToken): Promise<string> =>
  (await unwrap(client.POST('/api/v1/tokens', { body }))).secret;

export const revokeToken = async (name: string): Promise<void> => {
  await unwrap(client.DELETE('/api/v1/tokens/{name}', ofName(name)));
};

export const devices = async (): Promise<readonly Device[]> =>
  (await unwrap(client.GET('/api/v1/devices'))).items;

/** The address to open on the device. */
export const createDevice = async (body: NewDevice): Promise<string> =>
  new URL((await unwrap(client.POST('/api/v1/devices', { body }))).link, window.location.href).href;

export const revokeDevice = async (name: string): Promise<void> => {
  await unwrap(client.DELETE('/api/v1/devices/{name}', ofName(name)));
};
