import createClient from 'openapi-fetch';
import type { paths } from './schema';
import type { FieldCode, Problem } from './types';

/** Same origin: the session cookie goes along by itself. */
export const client = createClient<paths>({ baseUrl: '/' });

/** An answer that says no, in the API's one shape; or none at all (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: Readonly<Record<string, string>>;
  /** The same complaints as codes, where they have one. */
  readonly fieldCodes: Readonly<Record<string, FieldCode>>;
  /** Seconds to wait before the next try, where the answer says so. */
  readonly retryAfter: number | null;

  constructor(status: number, problem: Problem['error'] | null, retryAfter: number | null = null) {
    super(problem?.message ?? '');
    this.name = 'ApiError';
    this.status = status;
    this.code = problem?.code ?? '';
    this.fields = problem?.fields ?? {};
    this.fieldCodes = problem?.field_codes ?? {};
    this.retryAfter = retryAfter;
  }
}

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The data of an answer; throws an `ApiError` for everything else. */
export async function unwrap<T>(answer: Promise<Answer<T>>): Promise<T> {
  let settled: Answer<T>;
  try {
    settled = await answer;
  } catch {
    throw new ApiError(0, null);
  }
  if (!settled.response.ok) {
    const wait = Number.parseInt(settled.response.headers.get('Retry-After') ?? '', 10);
    throw new ApiError(
      settled.response.status,
      problemOf(settled.error),
      Number.isFinite(wait) ? wait : null,
    );
  }
  return settled.data as T;
}

/** A proxy in between may answer with a page of its own. */
function problemOf(body: unknown): Problem['error'] | null {
  if (typeof body !== 'object' || body === null || !('error' in body)) return null;
  const { error } = body as Partial<Problem>;
  return typeof error?.message === 'string' ? error : null;
}
