import { describe, expect, it } from 'vitest';
import { providerAddress } from './entrance';

const next = (pathname: string, search: string) =>
  new URLSearchParams(providerAddress({ pathname, search }).split('?')[1]).get('next');

describe('the way to the identity provider', () => {
  it('comes back to the page that was asked for', () => {
    expect(next('/calls', '?verdict=breached&queue=a%26b')).toBe(
      '/calls?verdict=breached&queue=a%26b',
    );
    expect(next('/', '')).toBe('/');
  });

  it('does not bring an old problem back', () => {
    expect(next('/calls', '?sign_in_error=disabled')).toBe('/calls');
  });
});
