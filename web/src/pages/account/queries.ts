/** What the page of one's own account asks the API for. */
import { client, unwrap } from '../../api/client';
import type { components } from '../../api/schema';

export type OwnSession = components['schemas']['OwnSessionOut'];
export type Own = components['schemas']['UserOut'];

export const accountKey = ['account'] as const;
export const sessionsKey = ['account', 'sessions'] as const;

export const ownAccount = (): Promise<Own> => unwrap(client.GET('/api/v1/account'));

export const changePassword = async (old_password: string, password: string): Promise<void> => {
  await unwrap(client.POST('/api/v1/account/password', { body: { old_password, password } }));
};

export const ownSessions = async (): Promise<readonly OwnSession[]> =>
  (await unwrap(client.GET('/api/v1/account/sessions'))).items;

export const endOwnSession = async (id: string): Promise<void> => {
  await unwrap(client.DELETE('/api/v1/account/sessions/{id}', { params: { path: { id } } }));
};
