// Expands the events of a calendar with ical.js, as Thunderbird and Nextcloud do, and prints their occurrences as JSON.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const calendar = new ICAL.Component(ICAL.parse(readFileSync(process.argv[2], "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);

const components = calendar.getAllSubcomponents("vevent");
const isException = (component) => component.hasProperty("recurrence-id");
const said = (time) =>
  time.isDate ? time.toString() : new Date(time.toUnixTime() * 1000).toISOString().replace(".000Z", "Z");

const found = components.filter((each) => !isException(each)).flatMap((component) => {
  const uid = component.getFirstPropertyValue("uid");
  const exceptions = components.filter((each) => isException(each) && each.getFirstPropertyValue("uid") === uid);
  const event = new ICAL.Event(component, { exceptions });
  const occurrences = [];
  const iterator = event.iterator();
  for (let next = iterator.next(); next; next = iterator.next()) {
    const { startDate, endDate, item } = event.getOccurrenceDetails(next);
    const status = item.component.getFirstPropertyValue("status");
    const hasEnd = ["dtend", "duration"].some((name) => item.component.hasProperty(name));
    occurrences.push({ uid, start: said(startDate), end: said(hasEnd ? endDate : startDate), status, summary: item.summary });
  }
  return occurrences;
});
process.stdout.write(JSON.stringify(found));
