import { violationColumns, visible } from '../rules/visible.js';

const hidden = (levels: string): string => `
  SELECT v.id FROM violations v WHERE v.operation_id = of_operation AND v.sharing_level ${levels}
    AND (${visible(violationColumns('v'))}) IS NOT TRUE`;

/** What is hidden from the hub, and from people of the record's own country, is RED; there is an index of that. */
const RED = hidden(`= 'RED'`);

/** Whether something of the viewer's own countries is hidden from the viewer. */
export const OWN_HIDDEN = `EXISTS (${RED} AND v.country = ANY (viewer_people()))`;

/**
 * The records of the operation that are hidden from whoever has entered it. Sharing is taken as it is now, also for figures as of an
 * earlier cursor: what was narrowed since is hidden in them, too. An answer asks once, as looking at all records takes long.
 */
export const HIDDEN_RECORDS = `
    CREATE FUNCTION hidden_records(of_operation uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
    BEGIN
      IF viewer_is_hub() THEN RETURN ARRAY(${RED.trim()}); END IF;
      RETURN ARRAY(${hidden(`<> 'CLEAR'`).trim()});
    END $$`;

/** The Monday of a record's week: whole days since a Monday, as the year 1 begins with one. Much cheaper than date_trunc. */
export const MONDAY = `(f.day - (f.day - DATE '0001-01-01') % 7)`;
