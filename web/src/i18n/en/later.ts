/** The texts that only some pages need: they come with these pages, see ../add.ts. */
import contacts from './contacts.json';
import evidence from './evidence.json';
import indicators from './indicators.json';
import personal from './personal.json';
import reports from './reports.json';
import teams from './teams.json';

export default { ...contacts, ...evidence, ...indicators, ...personal, ...reports, ...teams };
