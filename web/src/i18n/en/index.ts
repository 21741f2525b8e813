/** The texts of this language, a file for each part of the page. */
import access from './access.json';
import calls from './calls.json';
import core from './core.json';
import history from './history.json';
import live from './live.json';
import overflow from './overflow.json';
import settings from './settings.json';
import wall from './wall.json';

export default {
  ...access,
  ...calls,
  ...core,
  ...history,
  ...live,
  ...overflow,
  ...settings,
  ...wall,
};
