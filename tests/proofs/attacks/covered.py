"""Where each attack is proved that tests/proofs/attacks does not make itself, and why some cannot be made yet.

An attack's id is a letter and two digits; the tests of this folder carry it in their names (`test_q07_…` makes Q07).
"""

from collections.abc import Mapping
from dataclasses import dataclass

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "5.1 Open311": (
        *("O01", "O02", "O04", "O05", "O07", "O08", "O10", "O11", "O12", "O14", "O15", "O17", "O18", "O20", "O21", "O22", "O24"),
        *("O25", "O27", "O28", "O30", "O31", "O32"),
    ),
    "5.2 search, filters, order": ("Q01", "Q02", "Q04", "Q05", "Q07", "Q08", "Q10", "Q11", "Q12", "Q14"),
    "5.3 maps": ("M01", "M02", "M04", "M05", "M07", "M08", "M10", "M11", "M12"),
    "5.4 uploads": ("U01", "U02", "U04", "U05", "U07", "U08", "U10", "U11", "U12"),
    "5.6 tokens": ("K01", "K02", "K04", "K05", "K07", "K08", "K10", "K11", "K12"),
    "5.7 tenants, roles, privacy": (
        *("I01", "I02", "I04", "I05", "I07", "I08", "I10", "I11", "I12", "I14", "I15", "I17", "I18"),
    ),
    "5.8 htmx, caches, other pages": ("H01", "H02", "H04", "H05", "H07", "H08", "H10", "H11", "H12", "H14"),
    "5.9 sessions, sign-in, limits": ("L01", "L02", "L04", "L05", "L07", "L08", "L10", "L11", "L12", "L14", "L15"),
}

_OPEN311 = "tests/web/open311/"
_ATTACKS, _AROUND = f"{_OPEN311}test_attacks.py::", f"{_OPEN311}test_attacks_around.py::"
_VALUES = f"{_ATTACKS}test_a_wrong_value_is_refused_and_named"
_TEXTS = "tests/browser/test_texts.py::"
_MASKS = "tests/web/queue/test_masks.py::"
_MAP = "tests/web/queue/test_map.py::"
_PICTURES = "tests/foundation/test_pictures.py::"
_FETCHING = "tests/foundation/test_fetching.py::"
_RETENTION = "tests/domain/rights/test_retention.py::"
_COLLEAGUES, _INVITED = "tests/web/admin/test_staff.py::", "tests/web/admin/test_accepting.py::"
_REFERENCES = "tests/domain/reports/test_reference.py::"
_THROTTLE = "tests/domain/staff/test_throttle.py::"
_SIGN_IN, _FLOOD, _FORMS = (f"tests/web/sign_in/test_{name}.py::" for name in ("sign_in", "flood", "csrf"))
_ANALYST, _SUPPRESSION = "tests/web/analytics/test_analyst.py::", "tests/domain/analytics/test_suppression.py::"

PROVED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("O01", "O02", "O04", "O07", "O17", "O18"), (_VALUES,)),
    "O05": (f"{_ATTACKS}test_o05_a_swapped_position_gets_a_hint",),
    "O08": (f"{_ATTACKS}test_o08_a_field_that_stands_twice_is_refused",),
    "O10": (_VALUES, f"{_ATTACKS}test_o10_the_services_of_another_town_and_inactive_ones_are_unknown"),
    "O11": (f"{_ATTACKS}test_o11_a_key_opens_its_own_town_only",),
    "O12": (
        f"{_ATTACKS}test_o12_whoever_has_no_good_key_gets_one_answer",
        f"{_ATTACKS}test_o12_a_key_in_the_address_is_refused_though_it_is_good",
    ),
    "O14": (_VALUES, f"{_ATTACKS}test_o14_what_is_no_text_is_refused"),
    "O15": (f"{_ATTACKS}test_o15_o20_odd_but_lawful_text_is_kept_letter_by_letter",),
    "O20": (
        f"{_ATTACKS}test_o15_o20_odd_but_lawful_text_is_kept_letter_by_letter",
        f"{_TEXTS}test_what_people_wrote_is_shown_as_text_on_every_page",
        "tests/web/analytics/test_page.py::test_no_name_becomes_a_formula",
    ),
    "O21": (
        f"{_ATTACKS}test_o21_an_address_is_not_visited_here",
        f"{_FETCHING}test_addresses_into_the_house_are_refused_unasked",
    ),
    "O22": (
        f"{_FETCHING}test_what_can_never_be_taken_is_refused",
        f"{_FETCHING}test_a_slow_drip_ends_in_time",
        "tests/jobs/test_photos.py::test_what_can_never_be_had_is_given_up_with_its_reason",
    ),
    "O24": (f"{_OPEN311}test_intake.py::test_what_a_client_has_no_business_to_say_is_not_applied",),
    "O25": (
        f"{_AROUND}test_o25_a_time_that_is_none_is_refused",
        "tests/foundation/test_parsing.py::test_times_without_offset_or_existence_are_refused",
    ),
    "O27": (f"{_AROUND}test_o27_a_wrong_search_is_refused_and_named", f"{_AROUND}test_o27_an_id_that_is_none_finds_nothing"),
    "O28": (f"{_AROUND}test_o28_o30_other_notations_are_not_read",),
    "O30": (f"{_AROUND}test_o28_o30_other_notations_are_not_read", f"{_AROUND}test_o30_floods_and_files_are_refused"),
    "O31": (
        f"{_OPEN311}test_intake.py::test_fifty_at_once_are_one_report",
        f"{_OPEN311}test_intake.py::test_the_same_id_again_gives_the_same_answer_and_another_content_is_refused",
    ),
    "O32": (f"{_AROUND}test_o32_other_suffixes_are_not_there",),
    "Q01": ("tests/web/queue/test_list.py::test_words_are_searched_literally",),
    "Q04": ("tests/web/queue/test_list.py::test_a_wrong_filter_is_named_and_the_rest_is_kept",),
    "Q08": ("tests/web/queue/test_list.py::test_a_cursor_of_another_authority_or_order_is_refused",),
    "Q12": (
        f"{_MASKS}test_houses_that_differ_only_in_masked_values_answer_alike",
        "tests/web/casework/test_two_worlds.py::test_masked_values_change_no_byte",
        "tests/web/queue/test_live.py::test_what_is_masked_is_no_news_to_those_it_is_masked_for",
    ),
    "Q14": ("tests/web/queue/test_list.py::test_letters_that_change_when_lowered_are_found_and_break_nothing",),
    "M01": (f"{_MAP}test_what_cannot_be_drawn_is_refused_as_json",),
    "M02": (
        f"{_MAP}test_the_whole_world_is_answered_in_few_cells",
        f"{_MAP}test_a_box_of_no_size_and_one_at_the_pole_are_answered",
    ),
    "M08": (f"{_MAP}test_one_report_is_a_mark_that_names_it_and_two_are_a_number",),
    "U01": (f"{_PICTURES}test_what_is_no_photo_is_refused_with_words",),
    "U04": (f"{_PICTURES}test_nothing_but_pixels_survives",),
    "U07": (
        "tests/web/casework/test_photos.py::test_a_full_report_takes_no_more_and_keeps_no_file",
        "tests/web/casework/new/test_questions_and_photos.py::test_more_than_32_mb_are_refused_with_what_to_do",
        "tests/web/test_limits.py::test_uploads_are_counted_more_strictly",
    ),
    "U10": (
        "tests/web/photos/test_photos.py::test_the_same_answer_whether_it_does_not_exist_or_is_not_theirs",
        "tests/web/photos/test_photos.py::test_the_crew_loses_sight_with_the_report",
        "tests/web/photos/test_photos.py::test_sizes_that_are_not_offered_are_not_found",
    ),
    "U11": ("tests/web/photos/test_photos.py::test_the_photo_comes_as_a_picture_and_nothing_else",),
    "K01": (
        "tests/web/residents/test_follow.py::test_every_token_that_opens_nothing_gets_the_same_answer",
        f"{_INVITED}test_a_link_works_once_and_every_dead_link_looks_alike",
    ),
    "K02": ("tests/domain/notifications/test_links.py::test_a_token_opens_only_its_own_door",),
    "K04": (
        "tests/web/casework/test_erased.py::test_the_residents_own_link_still_follows_the_report_but_stops_nothing",
        "tests/web/residents/test_unsubscribe.py::test_only_this_report_falls_silent",
        "tests/web/residents/test_unsubscribe.py::test_the_page_afterwards_reveals_nothing",
    ),
    "K05": ("tests/web/residents/test_unsubscribe.py::test_another_wish_is_refused",),
    "K08": ("tests/web/queue/test_live.py::test_a_key_ends_with_the_longest_session",),
    "K10": ("tests/web/test_limits.py::test_residents_pages_are_counted_whatever_the_link",),
    "I01": ("tests/proofs/test_access_matrix.py::test_a_thing_of_another_authority_is_not_there",),
    "I02": ("tests/web/casework/test_photos.py::test_a_photo_of_another_report_is_not_found",),
    "I04": ("tests/web/account/test_account.py::test_someone_with_two_authorities_goes_on_in_the_other_under_a_new_secret",),
    "I05": (
        f"{_COLLEAGUES}test_nobody_changes_their_own_roles_or_access",
        f"{_COLLEAGUES}test_a_role_that_is_not_theirs_to_give_is_refused",
        f"{_COLLEAGUES}test_the_last_administrator_stays_also_when_two_remove_each_other",
        f"{_INVITED}test_who_works_here_or_is_invited_is_not_invited_again",
    ),
    "I07": (
        f"{_MASKS}test_a_crew_sees_what_it_holds_and_its_place_only_while_there_is_work",
        "tests/domain/reports/test_report_query.py::test_a_crew_sees_only_what_its_team_holds_and_the_place_only_while_there_is_work",
        f"{_REFERENCES}test_no_two_numbers_share_a_reference_and_neighbours_do_not_look_alike",
    ),
    "I08": (
        f"{_ANALYST}test_small_counts_are_hidden_and_the_others_rounded",
        f"{_ANALYST}test_no_row_is_reached_and_no_open_part_is_told",
        f"{_ANALYST}test_only_months_that_are_over_can_be_asked_for",
        f"{_SUPPRESSION}test_no_hidden_count_can_be_worked_out",
        f"{_SUPPRESSION}test_parts_do_not_tell_a_hidden_total",
    ),
    "I10": ("tests/web/casework/test_page.py::test_no_name_and_no_place_are_in_the_title",),
    "I11": (
        f"{_RETENTION}test_messages_that_wait_are_cancelled_and_the_link_to_stop_them_ends_but_not_the_page",
        "tests/domain/rights/test_killed.py::test_kill_9_at_random_points_leaves_nobody_out_and_nobody_twice",
    ),
    "I12": (
        f"{_RETENTION}test_each_report_has_a_clock_of_its_own_also_for_the_same_resident",
        f"{_RETENTION}test_search_by_contact_finds_nothing_afterwards",
    ),
    "I14": ("tests/cli/test_retention.py::test_a_plan_can_look_ahead_but_a_run_cannot",),
    "I17": ("tests/house/test_database_rights.py::test_no_unique_key_of_a_tenant_table_tells_about_other_authorities",),
    "I18": (f"{_REFERENCES}test_no_two_numbers_share_a_reference_and_neighbours_do_not_look_alike",),
    "H07": ("tests/web/test_headers.py::test_no_address_dresses_a_page_up_as_a_file",),
    "H08": (
        f"{_TEXTS}test_what_people_wrote_is_shown_as_text_on_every_page",
        f"{_TEXTS}test_what_was_typed_comes_back_as_text",
        "tests/house/test_templates.py::test_nothing_switches_escaping_off",
    ),
    "H10": (
        f"{_FORMS}test_signing_in_needs_the_token_of_this_browser",
        f"{_FORMS}test_a_form_of_another_site_is_refused_even_with_a_token",
        f"{_FORMS}test_neither_get_nor_a_method_override_signs_out",
    ),
    "H12": ("tests/browser/test_queue.py::test_a_session_that_ended_leads_to_the_sign_in",),
    "H14": (
        "tests/journeys/test_without_javascript.py::test_without_a_script_a_report_goes_its_whole_way",
        "tests/browser/test_queue.py::test_without_javascript_filters_links_and_pages_work",
    ),
    "L01": (
        f"{_SIGN_IN}test_every_sign_in_gets_a_new_secret_and_a_preset_one_opens_nothing",
        f"{_FORMS}test_a_broken_cookie_is_ignored",
        f"{_FORMS}test_ten_kilobytes_of_cookie_are_ignored",
    ),
    "L02": (
        f"{_SIGN_IN}test_sign_out_ends_the_session_on_the_server",
        f"{_SIGN_IN}test_disabling_someone_ends_every_session_at_once",
        f"{_COLLEAGUES}test_an_administrator_gives_roles_and_teams_and_the_colleague_begins_anew",
        "tests/web/account/test_account.py::test_a_new_password_ends_the_other_sessions_and_renews_this_one",
    ),
    "L04": (
        f"{_SIGN_IN}test_wrong_unknown_disabled_and_without_password_answer_the_same",
        f"{_FLOOD}test_a_known_and_an_unknown_account_cost_the_same_time",
        f"{_INVITED}test_an_administrator_cannot_tell_whether_an_address_has_an_account_elsewhere",
    ),
    "L05": (
        f"{_THROTTLE}test_one_password_for_many_accounts_is_stopped_at_the_network",
        f"{_THROTTLE}test_many_networks_of_one_ipv6_site_are_held_back_together",
        f"{_THROTTLE}test_a_hundred_at_the_same_moment_are_counted_one_by_one",
        f"{_FLOOD}test_a_forwarded_address_that_nobody_trusts_is_not_believed",
        f"{_FLOOD}test_the_owner_gets_in_from_a_browser_that_is_known",
    ),
    "L11": (
        f"{_INVITED}test_a_link_works_once_and_every_dead_link_looks_alike",
        f"{_INVITED}test_looking_changes_nothing_however_often",
        f"{_INVITED}test_the_host_of_a_request_is_not_the_host_of_a_link",
    ),
    "L12": (
        f"{_FLOOD}test_the_limit_holds_without_redis",
        "tests/web/test_limits.py::test_without_redis_every_request_is_served_at_once_and_still_counted",
    ),
    "L15": ("tests/web/test_headers.py::test_strange_methods_are_refused",),
}
"""Tests elsewhere that make the attack, or the part of it that this folder leaves out."""


@dataclass(frozen=True)
class Absent:
    """What the attack needs is not there. `address`: a step that the addresses of its pages would have."""

    why: str
    address: str


ABSENT: Mapping[str, Absent] = {
    "Q10": Absent("Views cannot be saved or shared.", "views"),
    "Q11": Absent("Nothing is done to several reports at once.", "bulk"),
    "M07": Absent("The map is one answer per screen; there are no tiles of reports.", "tiles"),
    "M10": Absent("A report's place is not changed after it came in.", "place"),
    "M11": Absent("Nobody draws an area; analysts see fixed parts only.", "hotspots"),
    "K11": Absent("Residents have no sign-in, so no one-time code.", "my"),
    "K12": Absent("Requests about one's own data are not taken here.", "privacy-desk"),
    "L07": Absent("There is no second factor.", "second-factor"),
    "L08": Absent("There are no passkeys.", "passkey"),
    "L10": Absent("There is no single sign-on.", "oidc"),
}

_TIME = "That the answers are the same to the byte is proved; that they take the same time only for the sign-in (L04)."

WEAKER: Mapping[str, str] = {
    **dict.fromkeys(("O12", "Q02", "Q07", "K01"), _TIME),
    "K04": "Addresses are not corrected yet, and nobody opts in again.",
    "K10": "Guesses are held back by network; a thousand networks at once are not, and nothing raises an alarm (256-bit tokens).",
    "M07": "What staff read is not counted: only changes and uploads have a limit.",
    "I08": (
        "A month that is over still changes with a reopening, a new category or a late import, so two looks can tell of one "
        "report; and tables by category, area, team and channel of the same month are each safe alone, not against each other."
    ),
    "I11": "Erasing meets messages that wait and a killed worker; exports and packages for residents do not exist yet.",
    "I12": "Nobody can restrict or object yet; what is proved is that a new report does not bring an erased contact back.",
    "I14": "Periods are part of the code, so there is nothing to enter; a run on the command line needs no second person.",
    "L12": "A clock that is set back is not tried.",
    "L14": (
        "gunicorn alone can be held up: a hundred connections that send nothing, or half a request, take its sixteen threads. "
        "It belongs behind a proxy that waits for whole requests, as in deploy/nginx/portal.conf."
    ),
}
"""Where less holds, or less is proved, than the attack asks for."""
