export { DueRows, type DueRow, type UnderWayTable } from './due-rows.js';
export { backOff, ladder, type Pause } from './pause.js';
export { workOnEach, type WorkOnEachOptions } from './work-on-each.js';
