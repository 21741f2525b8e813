/** Files that the page fetches itself, so that it can say how far it is, and what went wrong. */
import { ApiError } from '../api/client';
import type { Problem } from '../api/types';

export interface Fetched {
  readonly name: string;
  readonly file: Blob;
}

/** So much is kept as one piece: the browser may put pieces on disk. */
const PIECE = 8 << 20;

/**
 * Fetches a file.
 *
 * @param told how many bytes have come, each time that some have.
 * @throws ApiError it is refused, or the transfer broke off (`status` 0).
 */
export async function fetchFile(
  address: string,
  signal: AbortSignal,
  told: (bytes: number) => void = () => undefined,
): Promise<Fetched> {
  let response: Response;
  try {
    response = await fetch(address, { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError(0, null);
  }
  if (!response.ok) throw await refusal(response);
  try {
    const file = await received(response, told);
    return { name: nameOf(response), file };
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError(0, { code: 'broken', message: '', fields: {}, field_codes: {} });
  }
}

async function received(response: Response, told: (bytes: number) => void): Promise<Blob> {
  const reader = response.body?.getReader();
  if (reader === undefined) return response.blob();
  const type = response.headers.get('Content-Type') ?? '';
  const pieces: Blob[] = [];
  let waiting: BlobPart[] = [];
  let [size, bytes] = [0, 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Blob([...pieces, ...waiting], { type });
    waiting.push(value);
    size += value.length;
    bytes += value.length;
    if (size >= PIECE) {
      pieces.push(new Blob(waiting));
      [waiting, size] = [[], 0];
    }
    told(bytes);
  }
}

async function refusal(response: Response): Promise<ApiError> {
  const wait = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  let problem: Problem['error'] | null = null;
  try {
    problem = ((await response.json()) as Partial<Problem>).error ?? null;
  } catch {
    // A proxy in between answered with a page of its own.
  }
  return new ApiError(response.status, problem, Number.isFinite(wait) ? wait : null);
}

const nameOf = (response: Response): string =>
  /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '')?.[1] ?? 'minuteur';

/** Hands a file to the browser, as a download. */
export function save({ name, file }: Fetched): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
