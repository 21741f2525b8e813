import { createTheme } from '@mantine/core';

/**
 * Only what is not a CSS variable. Those stand in tokens.css: Mantine would write them into a
 * style element at run time, which a strict Content-Security-Policy forbids.
 */
export const theme = createTheme({
  respectReducedMotion: true,
  autoContrast: true,
  defaultRadius: 'sm',
});
