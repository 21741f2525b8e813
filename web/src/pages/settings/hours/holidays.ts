import { useQuery } from '@tanstack/react-query';
import { holidaysOf } from '../queries';

const DAY_MS = 86_400_000;

/** The public holidays of a year; nothing is asked where there is no country. */
export const useHolidays = (country: string, subdivision: string, year: number) =>
  useQuery({
    queryKey: ['holidays', country, subdivision, year],
    queryFn: () => holidaysOf(country, subdivision, year),
    enabled: country !== '',
    staleTime: DAY_MS,
  });
