// Reads a calendar with ical.js, the parser inside Thunderbird and Nextcloud, and prints its events as JSON.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const calendar = new ICAL.Component(ICAL.parse(readFileSync(process.argv[2], "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);

const said = (time) =>
  time.isDate ? time.toString() : new Date(time.toUnixTime() * 1000).toISOString().replace(".000Z", "Z");

const events = calendar.getAllSubcomponents("vevent").map((component) => {
  const event = new ICAL.Event(component);
  return {
    uid: event.uid,
    start: said(event.startDate),
    end: component.hasProperty("dtend") ? said(event.endDate) : said(event.startDate),
    summary: event.summary,
    description: event.description,
    location: event.location,
  };
});
process.stdout.write(JSON.stringify(events));
