//! Which members of a line canonical fields are, for who shows both and nothing twice.

use super::{canonical::Canonical, level::Level, reader::Record, row::Spot, time::Instant};

impl Record<'_, '_> {
    /// Which members these canonical fields are, a bit each, in a line whose members are known; a field
    /// that stands inside of a member is none.
    pub fn members_of(&self, fields: &[Canonical]) -> u64 {
        let bit = |&canonical: &Canonical| {
            self.first_spot(canonical, |spot, value| {
                let is_read = spot.form.reads(canonical, value);
                is_read.then(|| self.member_bit(spot))
            })
        };
        fields
            .iter()
            .filter_map(bit)
            .fold(0, |bits, bit| bits | bit)
    }

    /// The bit of the member that stands in a spot, if it is one.
    fn member_bit(&self, spot: &Spot) -> u64 {
        let number = self.number_of(spot);
        number.map_or(0, |number| 1 << (number % 64))
    }

    /// When it happened and how severe it is, and which members of the line say so, as
    /// [`members_of`](Self::members_of) has them: reading them twice would cost.
    pub fn time_and_level(&self) -> (Option<Instant>, Option<Level>, u64) {
        let time = self.first_spot(Canonical::Time, |spot, value| {
            let time = spot.form.time_beside(value, || self.beside(spot))?;
            Some((time, self.member_bit(spot)))
        });
        let level = self.first_spot(Canonical::Level, |spot, value| {
            Some((spot.form.level(value)?, self.member_bit(spot)))
        });
        let ((time, at), (level, below)) = (time.unzip(), level.unzip());
        (time, level, at.unwrap_or(0) | below.unwrap_or(0))
    }
}
