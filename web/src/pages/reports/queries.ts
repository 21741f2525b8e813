/** What the page of reports asks the API for. */
import { ApiError, client, unwrap } from '../../api/client';
import type { components } from '../../api/schema';
import { type Fetched, fetchFile } from '../../ui/saving';

export type Report = components['schemas']['ReportOut'];
export type Results = components['schemas']['ResultsOut'];
export type Level = components['schemas']['LevelOut'];

export const FORMATS = ['pdf', 'csv', 'json'] as const;
export type FileFormat = (typeof FORMATS)[number];
export type Language = 'en' | 'fr';

/** Days of the centre's zone, both in it. */
export interface Days {
  readonly first: string;
  readonly last: string;
}

/** As JSON, since no other format is asked for. */
export const report = ({ first, last }: Days): Promise<Report> =>
  unwrap(
    client.GET('/api/v1/reports/compliance', {
      params: { query: { from: first, to: last, format: 'json' } },
    }),
  ) as Promise<Report>;

export const reportFile = (
  { first, last }: Days,
  format: FileFormat,
  lang: Language,
): Promise<Fetched> =>
  fetchFile(
    `/api/v1/reports/compliance?${new URLSearchParams({ from: first, to: last, format, lang })}`,
    new AbortController().signal,
  ).then((found) =>
    // The answer as JSON is no download by itself, and has no name.
    format === 'json' ? { ...found, name: `minuteur-report_${first}_${last}.json` } : found,
  );

const DAY = 86_400_000;
const LONGEST_DAYS = 3 * 366;

/** What the server would refuse, said before it is asked. */
export function faultOf({ first, last }: Days, today: string): 'tooLong' | 'ahead' | null {
  if (first > today) return 'ahead';
  return (Date.parse(last) - Date.parse(first)) / DAY + 1 > LONGEST_DAYS ? 'tooLong' : null;
}

/** The id under which the server has logged what broke; it stands in its sentence. */
export const idOf = (error: ApiError): string => /\b[0-9a-f]{8}\b/.exec(error.message)?.[0] ?? '?';

export { ApiError };
